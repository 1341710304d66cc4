using System.CommandLine;
using System.CommandLine.Parsing;
using Projections.CommandLine.Commands.Databases;
using Projections.CommandLine.Terminal;

namespace Projections.CommandLine.Commands;

/// <summary>The options that every command has, or that several share.</summary>
internal static class CommonOptions
{
    public static readonly Option<string?> ReadModels = Everywhere<string?>(
        "--read-models", "Connection string of the read models' database. Others on this machine can see it; the environment variable ConnectionStrings__ReadModels is better.", "CONNECTION");

    public static readonly Option<string?> Events = Everywhere<string?>(
        "--events", "Connection string of the event store, where it is another database.", "CONNECTION");

    public static readonly Option<string?> Schema = Everywhere<string?>("--schema", "Schema of the read models. The default is public.", "NAME");

    public static readonly Option<int?> Memory = Everywhere<int?>("--memory", "How much memory to use, in megabytes. The default is 512.", "MB");

    public static readonly Option<string[]> Assembly = new("--assembly")
    {
        Description = "A built assembly of read models beside those of the program; can be given several times. The setting Assemblies has them with ';' between.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Json = Everywhere<bool>("--json", "Write the answer as one JSON document, for scripts.");

    public static readonly Option<bool> Verbose = Everywhere<bool>("--verbose", "Log more, and show where an error came from.");

    /// <summary>Of <c>run</c> alone, and a setting as the others.</summary>
    public static readonly Option<string?> Listen = new("--listen")
    {
        Description = "Where the page and the API are: an address with a port, a port alone for this machine only, *:PORT for all addresses, or off. The default is 127.0.0.1:5080.",
        HelpName = "ADDRESS",
    };

    public static IReadOnlyList<Option> All => [ReadModels, Events, DatabaseChoice.Names, DatabaseChoice.All, Schema, Memory, Assembly, Json, Verbose];

    /// <summary>An id by which a command that is sent twice is done once.</summary>
    public static Option<Guid?> CommandId() => new("--command-id") { Description = "An id of this command; sent a second time, it does nothing.", HelpName = "GUID" };

    /// <summary>Whether a worker elsewhere does the work.</summary>
    public static Option<bool> Detach() => new("--detach") { Description = "Only ask for it; a worker ('projections run') does the work." };

    /// <summary>Refuses numbers below a least one.</summary>
    public static Option<int?> AtLeast(this Option<int?> option, int least)
    {
        option.Validators.Add(result =>
        {
            if (Parsed<int?>(result) < least)
            {
                result.AddError($"{option.Name} must be {least} or more.");
            }
        });
        return option;
    }

    /// <summary>A length of time such as <c>200ms</c>, <c>60s</c> or <c>2m</c>.</summary>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan otherwise, TimeSpan? least = null) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (DurationText.TryParse(result.Tokens[0].Value, out var duration) && duration >= (least ?? TimeSpan.FromTicks(1)))
            {
                return duration;
            }

            result.AddError($"{name} is '{result.Tokens[0].Value}', but expected is a time such as 200ms, 60s or 2m.");
            return default;
        },
    };

    private static T? Parsed<T>(OptionResult result) => result.Errors.Any() ? default : result.GetValueOrDefault<T>();

    private static Option<T> Everywhere<T>(string name, string description, string? helpName = null) =>
        new(name) { Description = description, HelpName = helpName, Recursive = true };
}
