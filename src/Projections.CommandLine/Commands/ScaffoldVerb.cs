using System.CommandLine;
using System.Globalization;
using Projections.Commands;
using Projections.Definitions;
using Projections.Scaffolding;

namespace Projections.CommandLine.Commands;

/// <summary><c>scaffold</c>: writes the files of a version, from a table or from the version before.</summary>
internal sealed class ScaffoldVerb : Verb
{
    private readonly Option<string?> _fromTable = new("--from-table") { Description = "An existing table: its columns, keys, defaults, checks and indexes become version 1 of a projection of its name.", HelpName = "TABLE" };
    private readonly Option<string[]> _fromVersion = new("--from-version")
    {
        Description = "A projection, and which of its versions: invoice_summary V1; without it the newest. It is copied with its specs, and renamed to the next number.",
        HelpName = "NAME [V]",
        Arity = new ArgumentArity(1, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _namespace = new("--namespace") { Description = "What the namespace of a class from a table begins with.", HelpName = "NAMESPACE", DefaultValueFactory = _ => "ReadModels" };
    private readonly Option<DirectoryInfo> _into = new("--into") { Description = "The folder that holds 'projections'.", HelpName = "FOLDER", DefaultValueFactory = _ => new DirectoryInfo(Directory.GetCurrentDirectory()) };

    public ScaffoldVerb()
        : base(
            "scaffold",
            "Writes table.sql, indexes.sql, down.sql and the class of a version. Files that are there already are left alone.",
            "projections scaffold --from-table orders --namespace Shop.ReadModels",
            "projections scaffold --from-version invoice_summary",
            "projections scaffold --from-version invoice_summary V1")
    {
        Options.Add(_fromTable);
        Options.Add(_fromVersion);
        Options.Add(_namespace);
        Options.Add(_into);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var into = call.Arguments.GetRequiredValue(_into).FullName;
        var files = (call.Arguments.GetValue(_fromTable), call.Arguments.GetValue(_fromVersion)) switch
        {
            ({ } table, null or []) => await FromTableAsync(call, table, stop),
            (null, [var name, .. var number]) => VersionCopy.Of(ProjectionRegistry.FromAssemblies(call.ReadModels), new ProjectionName(name), NumberOf(number), into),
            _ => throw new OperationRefused("Say either --from-table TABLE or --from-version NAME V1.", isMistake: true),
        };
        if (files.FirstOrDefault(file => File.Exists(Path.Combine(into, file.Path))) is { } there)
        {
            throw new OperationRefused($"Nothing was written: {there.Path} is there already in {into}.");
        }

        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(into, file.Path))!);
            await File.WriteAllTextAsync(Path.Combine(into, file.Path), file.Text, stop);
        }

        call.Screen.Answer(files.Select(file => file.Path), string.Join('\n', files.Select(file => file.Path)));
        return ExitCode.Done;
    }

    private async Task<IReadOnlyList<ScaffoldedFile>> FromTableAsync(Invocation call, string table, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await TableScaffold.OfAsync(connection, system.Options.Schema, table, call.Arguments.GetRequiredValue(_namespace), stop);
    }

    private static int? NumberOf(string[] given) => given switch
    {
        [] => null,
        [var text] when int.TryParse(text.TrimStart('v', 'V'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        [var text, ..] => throw new OperationRefused($"'{text}' is no number of a version. Expected is one such as V1.", isMistake: true),
    };
}
