using Microsoft.Extensions.Logging;

namespace Projections.Web.Security;

/// <summary>
/// The keys that count at present: those of the settings, and those of a file that is read again when it has changed, so that a key can be
/// given to somebody, and taken back, while the worker runs.
/// </summary>
internal sealed partial class KeyRing(WebOptions options, TimeProvider time, ILogger<KeyRing> logger)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private IReadOnlyList<ApiKey> _ofFile = [];
    private string? _text;
    private long? _looked;

    public IReadOnlyList<ApiKey> Current
    {
        get
        {
            if (options.ApiKeysFile is not { } file)
            {
                return options.ApiKeys;
            }

            lock (_lock)
            {
                if (_looked is not { } last || time.GetElapsedTime(last) >= BetweenLooks)
                {
                    LookAt(file);
                    _looked = time.GetTimestamp();
                }

                return [.. options.ApiKeys, .. _ofFile];
            }
        }
    }

    /// <summary>Reads keys: a line each, <c>ana=operator:sha256:…</c>; empty ones and those that begin with <c>#</c> say nothing.</summary>
    /// <returns>The keys, and the numbers of the lines that are none. What stands there is not told: it may be a key itself.</returns>
    public static (IReadOnlyList<ApiKey> Keys, IReadOnlyList<int> Wrong) Read(string text)
    {
        var (keys, wrong) = (new List<ApiKey>(), new List<int>());
        foreach (var (at, line) in text.Split('\n', StringSplitOptions.TrimEntries).Index().Where(line => line.Item is { Length: > 0 } said && !said.StartsWith('#')))
        {
            if (line.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, var setting] && ApiKey.TryParse(name, setting, out var key))
            {
                keys.Add(key);
            }
            else
            {
                wrong.Add(at + 1);
            }
        }

        return (keys, wrong);
    }

    // Not by the time of its last change: where it is a link, as in Kubernetes, that stays what it was.
    private void LookAt(string file)
    {
        try
        {
            var text = File.ReadAllText(file);
            if (text == _text)
            {
                return;
            }

            var (keys, wrong) = Read(text);
            if (wrong.Count > 0)
            {
                LogWrong(logger, file, $"line {string.Join(", ", wrong)}");
            }

            (_text, _ofFile) = (text, keys);
            LogRead(logger, file, keys.Count);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // It is being replaced, or is gone: who was let in stays so until it says something else.
            LogWrong(logger, file, problem.Message);
        }
    }

    [LoggerMessage(726, LogLevel.Information, "{File} has {Count} keys now.")]
    private static partial void LogRead(ILogger logger, string file, int count);

    [LoggerMessage(727, LogLevel.Error, "{File} is not as it should be ({Problem}): a line is NAME=ROLE:sha256:HASH, as 'projections api-key' says it. What can be read of it counts.")]
    private static partial void LogWrong(ILogger logger, string file, string problem);
}
