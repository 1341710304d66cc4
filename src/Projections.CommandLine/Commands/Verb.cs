using System.CommandLine;
using Projections.CommandLine.Commands.Databases;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Command = System.CommandLine.Command;

namespace Projections.CommandLine.Commands;

/// <summary>A command of the program. Its work is done by the operations of the core; here stand its words and its answer.</summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description, params IReadOnlyList<string> examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction((parsed, _) => InvokeAsync(parsed));
    }

    /// <summary>Who asks.</summary>
    protected static string Caller => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Lines that can be typed as they stand; shown by <c>--help</c>.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>In which steps it is given to many databases; <c>null</c> where that makes no difference.</summary>
    internal virtual Waves? Waves => null;

    /// <summary>Whether it is about a database of those that the settings may list.</summary>
    internal virtual bool IsAboutADatabase => true;

    /// <summary>Whether of many databases only those are shown that need a look.</summary>
    internal virtual bool Folds => false;

    /// <summary>Whether somebody says which databases of the list it is about.</summary>
    internal virtual bool NamesDatabases(ParseResult arguments) => DatabaseChoice.IsGiven(arguments);

    /// <summary>In how many databases it is done at a time.</summary>
    internal int DatabasesAtOnce => Folds ? 8 : 1;

    /// <inheritdoc cref="RunAsync"/>
    internal Task<int> RunInAsync(Invocation call, CancellationToken stop) => RunAsync(call, stop);

    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(Invocation call, CancellationToken stop);

    private async Task<int> RunWhereAskedAsync(Invocation call, CancellationToken stop)
    {
        if (!NamesDatabases(call.Arguments))
        {
            return await RunAsync(call, stop);
        }

        if (!IsAboutADatabase)
        {
            throw new OperationRefused($"'{Name}' is about no database of a list. Leave {DatabaseChoice.Names.Name} and {DatabaseChoice.All.Name} out.", isMistake: true);
        }

        var chosen = await call.ReadChosenAsync(stop);
        return DatabaseChoice.MayBeSeveral(call.Arguments) ? await new DatabaseRounds(this, call, chosen).RunAsync(stop) : await RunAsync(call, stop);
    }

    private async Task<int> InvokeAsync(ParseResult parsed)
    {
        using var stop = new StopRequest();
        await using var call = new Invocation(parsed);
        try
        {
            return await RunWhereAskedAsync(call, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception)
        {
            var failure = Failure.Of(exception, call.SettingsIfRead);
            call.Screen.Complain(failure, call.IsVerbose ? exception : null);
            return failure.ExitCode;
        }
    }
}
