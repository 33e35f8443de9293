"""Jobs: work that must happen later, once a transaction commits, whichever process lives then.

    from niva.kit.jobs.django import enqueue, cancel, reschedule, in_thread   # Django side
    from niva.kit.jobs.worker import run_worker                              # worker side
    from niva.kit.jobs.types import Handler, Periodic, RetryLater, GiveUp    # both

The engine runs a job *at least* once. A worker that is stopped (SIGSTOP, a sleeping laptop)
past its lease and then continued runs what another worker has taken over meanwhile, so one
job may run twice. A handler whose act must not be doubled asks ``ctx.held()`` right before
the act and keeps its own record of the act; see docs/explanation/jobs.md.
"""
