using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Projections.Events;
using Projections.EventStoreDb.Testing;

namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>
/// The vendor's own clients for Node, installed from the npm registry into a folder of the machine's temporary files when they
/// are first needed.
/// </summary>
internal static class VendorClients
{
    public const string EventStore = "@eventstore/db-client";
    public const string Kurrent = "@kurrent/kurrentdb-client";

    private static readonly string[] Packages = [$"{EventStore}@6.2.1", $"{Kurrent}@1.3.1"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly Lazy<string?> Missing = new(Install);

    /// <summary>Why the clients cannot be run here, or <c>null</c> when they can.</summary>
    public static string? SkipReason => Missing.Value;

    private static string Folder => Path.Combine(Path.GetTempPath(), "projections-vendor-clients-6.2.1-1.3.1");

    /// <summary>Begins to run a client; its answer is read line by line.</summary>
    public static Process Start(string package, StoreUnderTest store, string verb, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (IEnumerable<string>)
            [Path.Combine(AppContext.BaseDirectory, "Vendor", "vendor.mjs"), Folder, package, ConnectionString(package, store), store.Mark, From(store), verb, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a client to its end.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(string package, StoreUnderTest store, string verb, params IReadOnlyList<string> arguments)
    {
        using var process = Start(package, store, verb, arguments);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            process.ExitCode.ShouldBe(0, $"{package} {verb}: {await errors}");
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    // The older client does not know the younger schemes.
    private static string ConnectionString(string package, StoreUnderTest store) => package == EventStore
        ? Regex.Replace(store.ConnectionString, "^(kurrentdb|kurrent|kdb)", "esdb", RegexOptions.IgnoreCase)
        : store.ConnectionString;

    private static string From(StoreUnderTest store) =>
        store.Start == EventPosition.BeforeFirst ? "start" : $"{store.Start.Major}/{store.Start.Minor}";

    private static string? Install()
    {
        try
        {
            if (Directory.Exists(Path.Combine(Folder, "installed")))
            {
                return Try("node", "--version");
            }

            Directory.CreateDirectory(Folder);
            var reason = Try("npm", ["install", "--prefix", Folder, "--no-audit", "--no-fund", "--ignore-scripts", .. Packages]);
            if (reason is null)
            {
                Directory.CreateDirectory(Path.Combine(Folder, "installed"));
            }

            return reason;
        }
        catch (Win32Exception)
        {
            return "The vendor's clients need Node and npm, which are not installed here.";
        }
    }

    private static string? Try(string program, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            return $"The vendor's clients could not be installed: {program} did not end within {Patience.TotalMinutes} minutes.";
        }

        output.Wait();
        return process.ExitCode == 0 ? null : $"The vendor's clients could not be installed: {errors.Result.Trim()}";
    }
}
