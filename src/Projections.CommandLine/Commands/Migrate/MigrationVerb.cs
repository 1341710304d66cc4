using System.CommandLine;
using Npgsql;
using Projections.CommandLine.Commands.Databases;
using Projections.Migrations;
using Projections.Migrations.Copies;
using Projections.Migrations.Running;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>A verb of <c>migrate</c>.</summary>
internal abstract class MigrationVerb : Verb
{
    protected MigrationVerb(string name, string description, params IReadOnlyList<string> examples)
        : base(name, description, examples) =>
        Migrations.AddTo(this);

    /// <inheritdoc/>
    /// <remarks>A connection string is of a database that is on no list.</remarks>
    internal override bool NamesDatabases(ParseResult arguments) => base.NamesDatabases(arguments) && DatabaseChoice.ConnectionIn(arguments) is null;

    protected MigrationOptionSet Migrations { get; } = new();

    /// <summary>Opens the service's database for one runner. Dispose it after the run.</summary>
    protected (MigrationOptions Options, NpgsqlDataSource Database, string ConnectionString) Open(Invocation call)
    {
        var options = Migrations.Of(call.Arguments);
        var connectionString = Migrations.DatabaseOf(call, options.Service);
        return (options, NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "projections migrate", IncludeErrorDetail = true }), connectionString);
    }

    /// <summary>Writes the schema to a file, where that is asked for.</summary>
    protected static Task DumpAsync(string? path, MigrationOptions options, string database, CopyOptions copy, CancellationToken stop) =>
        path is null ? Task.CompletedTask : new SchemaFile(options, copy.PgDump).WriteAsync(database, path, stop);

    /// <summary>Runs migrations. A stop before the first of them is no error, but a run of nothing.</summary>
    protected static async Task<MigrationReport> RunAsync(Func<Task<MigrationReport>> run, CancellationToken stop)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException stopped) when (stop.IsCancellationRequested)
        {
            return new MigrationReport([], [], stopped, []);
        }
    }

    protected static MigrationRunner RunnerFor(Invocation call, NpgsqlDataSource database, MigrationOptions options) =>
        new(database, options, progress: new MigrationProgressLines(call.Screen));
}
