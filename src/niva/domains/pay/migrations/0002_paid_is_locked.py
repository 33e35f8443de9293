"""A sheet that was paid, its lines and what it counted can no longer be changed: the database refuses."""

from django.db import migrations

LOCK = """
create function pay_sheet_locked() returns trigger language plpgsql as $$
begin
    if old.paid_at is not null then
        raise exception 'this pay sheet is paid: it is corrected by a new line only'
            using errcode = 'check_violation', constraint = 'paid_sheet_locked';
    end if;
    if tg_op = 'DELETE' then return old; end if;
    return new;
end $$;
create trigger pay_sheet_locked before update or delete on pay_paysheet
    for each row execute function pay_sheet_locked();

create function pay_rows_locked() returns trigger language plpgsql as $$
declare
    paid timestamptz;
begin
    -- FOR SHARE: who marks the sheet as paid at this very moment waits for us, or we for him.
    if tg_op <> 'INSERT' then
        select paid_at into paid from pay_paysheet where id = old.sheet_id for share;
    end if;
    if paid is null and tg_op <> 'DELETE' then
        select paid_at into paid from pay_paysheet where id = new.sheet_id for share;
    end if;
    if paid is not null then
        raise exception 'this pay sheet is paid: it is corrected by a new line only'
            using errcode = 'check_violation', constraint = 'paid_sheet_locked';
    end if;
    if tg_op = 'DELETE' then return old; end if;
    return new;
end $$;
create trigger pay_rows_locked before insert or update or delete on pay_payline
    for each row execute function pay_rows_locked();
create trigger pay_rows_locked before insert or update or delete on pay_counted
    for each row execute function pay_rows_locked();
"""
UNDO = """
drop trigger pay_rows_locked on pay_counted;
drop trigger pay_rows_locked on pay_payline;
drop function pay_rows_locked();
drop trigger pay_sheet_locked on pay_paysheet;
drop function pay_sheet_locked();
"""


class Migration(migrations.Migration):
    dependencies = [("pay", "0001_initial")]
    operations = [migrations.RunSQL(LOCK, UNDO)]
