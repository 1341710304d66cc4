using System.CommandLine;
using Projections.Migrations.Copies;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>The options that say how the throw-away copy is made.</summary>
internal sealed class CopyOptionSet
{
    private readonly Option<string?> _server = ServerOption();
    private readonly Option<CopySource> _source = new("--copy") { Description = "Where the copy's schema comes from: the database, by pg_dump (the default), or the migrations, replayed; or transaction, for a check without a copy, of empty tables in a transaction of the database that is rolled back.", HelpName = "database|migrations|transaction" };
    private readonly Option<string?> _sample = new("--sample") { Description = "A file with SQL that puts real rows into the copy.", HelpName = "FILE" };
    private readonly Option<string> _pgDump = CommonMigrateOptions.PgDump();

    public static Option<string?> ServerOption() => new("--copy-server") { Description = "Connection string of the server that holds the throw-away copy. The default is the server of the service's database.", HelpName = "CONNECTION" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_server, _source, _sample, _pgDump])
        {
            command.Options.Add(option);
        }
    }

    public CopyOptions Of(ParseResult arguments) => new()
    {
        Server = ConnectionOption.Read(_server.Name, arguments.GetValue(_server)),
        Source = arguments.GetValue(_source),
        SampleFile = arguments.GetValue(_sample),
        PgDump = arguments.GetRequiredValue(_pgDump),
    };
}
