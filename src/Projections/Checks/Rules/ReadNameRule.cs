using Npgsql;
using Projections.Postgres;

namespace Projections.Checks.Rules;

/// <summary>The read name is there and shows the live version's table.</summary>
internal sealed class ReadNameRule : ICatchUpRule
{
    public string Id => "read-name";

    public async Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        if (!subject.IsLive)
        {
            return null;
        }

        var problem = await ProblemAsync(subject.Connection, subject.Schema, subject.Name, subject.Version.Id.Table, cancellationToken);
        return problem is null
            ? null
            : new Finding(
                Id,
                Verdict.Broken,
                $"{problem} Readers of '{subject.Name}' ought to get {subject.Version.Id}.",
                $"Put it back: 'create or replace view {subject.Name} as select * from {subject.Version.Id.Table}', with the rights that its readers need; or switch to another version, which makes it anew.");
    }

    private static Task<string?> ProblemAsync(NpgsqlConnection connection, string schema, string name, string table, CancellationToken cancellationToken) =>
        connection.ScalarAsync<string>(
            """
            select case
                when to_regclass($2) is null then 'The table ' || $2 || ' is gone.'
                when to_regclass($1) is null then 'There is no ' || $1 || '.'
                when (select relkind from pg_class where oid = to_regclass($1)) <> 'v' then $1 || ' is no view.'
                when not exists (
                    select from pg_rewrite r
                    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                    where r.ev_class = to_regclass($1) and d.refclassid = 'pg_class'::regclass and d.refobjid = to_regclass($2))
                then 'The view ' || $1 || ' does not show ' || $2 || '.'
            end
            """,
            cancellationToken,
            SqlName.Quote(schema, name),
            SqlName.Quote(schema, table));
}
