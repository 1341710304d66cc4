namespace Projections.CommandLine;

/// <summary>What the program's exit code means. Scripts rely on the numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The command is wrong: an unknown name, a missing option, a setting that is not as it should be.</summary>
    public const int WrongUsage = 2;

    /// <summary>The command is right, but cannot be carried out as things are; nothing was changed.</summary>
    public const int Refused = 3;

    /// <summary>It was begun and failed, or the database cannot be reached.</summary>
    public const int Failed = 4;

    /// <summary>The connection broke while it was committed: it may be done, and it may not. <c>status</c> tells when the database is back.</summary>
    public const int Unknown = 5;

    /// <summary>Stopped by Ctrl-C, as shells count it: 128 and the signal's number.</summary>
    public const int Interrupted = 130;
}
