using System.Globalization;

namespace Projections;

/// <summary>
/// The name of a process in leases, and in the sessions that it has open. Other workers end such sessions by it, so no two processes may have
/// the same, and PostgreSQL must not cut it.
/// </summary>
internal static class WorkerName
{
    private const string Prefix = "projections/";

    /// <summary>PostgreSQL cuts <c>application_name</c> after 63 bytes.</summary>
    private const int Longest = 63 - 12;

    /// <summary>The host's name, the process and something that no other has. Of a host with a long name the end stays: there are what tells
    /// the pods of a deployment apart.</summary>
    public static string Create(string host, int process, Guid unique)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $"-{process}-{unique.ToString("n")[..16]}");
        // Other characters take more than a byte each, or come back from PostgreSQL as something else.
        var plain = string.Concat(host.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_' ? letter : '-'));
        return plain[Math.Max(0, plain.Length - (Longest - suffix.Length))..] + suffix;
    }

    /// <summary>How the sessions of a worker are called.</summary>
    public static string OfSessions(string worker) => Prefix + worker;
}
