"""What the embedded server is started with. Given on its command line, so a new release changes them."""

from __future__ import annotations

# Sized for one agency on a laptop: the whole desk at rest has to stay under 250 MB.
# No parallel workers and `io_method=sync`: PostgreSQL 18 otherwise keeps three I/O processes of its own.
DURABLE: dict[str, str] = {
    "shared_buffers": "32MB",
    "max_connections": "40",
    "work_mem": "8MB",
    "maintenance_work_mem": "32MB",
    "effective_cache_size": "512MB",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "max_logical_replication_workers": "0",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "min_wal_size": "64MB",
    "max_wal_size": "512MB",
    "autovacuum_max_workers": "1",
    "autovacuum_worker_slots": "1",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}

# For tests alone: a power cut may destroy the data.
FAST: dict[str, str] = {
    **DURABLE,
    "max_connections": "100",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
}

_NEW_IN_18 = {"io_method", "autovacuum_worker_slots"}


def as_arguments(settings: dict[str, str], major: int) -> list[str]:
    """The settings as `-c name=value`, without those an older server does not know."""
    known = {name: value for name, value in settings.items() if major >= 18 or name not in _NEW_IN_18}
    return [part for name, value in known.items() for part in ("-c", f"{name}={value}")]
