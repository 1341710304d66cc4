using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Npgsql;
using Projections.TestServers;

namespace Projections.CommandLine.Settings;

/// <summary><c>deploy/make-secrets.sh</c> makes what compose wants, once.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class SecretsScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    private string Secrets => Path.Combine(_folder, "secrets");

    [Fact]
    public async Task The_script_makes_every_secret_that_compose_names_and_keeps_what_is_there()
    {
        File.Copy(Path.Combine(Repository.Folder, "deploy", "make-secrets.sh"), Path.Combine(_folder, "make-secrets.sh"));

        await RunAsync();

        var named = SecretFile().Matches(File.ReadAllText(Path.Combine(Repository.Folder, "docker-compose.yml"))).Select(match => match.Groups[1].Value);
        Directory.GetFiles(Secrets).Select(Path.GetFileName).ShouldBe(named, ignoreOrder: true);
        File.GetUnixFileMode(Secrets).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string[] passwords = [Read("postgres-password"), Read("worker-password"), Read("broker-password")];
        passwords.ShouldBeUnique();
        passwords.ShouldAllBe(password => Password().IsMatch(password));
        var readModels = new NpgsqlConnectionStringBuilder(Read("read-models"));
        (readModels.Host, readModels.Username, readModels.Password).ShouldBe(("postgres", "projections_worker", Read("worker-password")));
        Read("rabbitmq.conf").ShouldContain($"default_pass = {Read("broker-password")}\n");

        var made = All();
        await File.AppendAllTextAsync(Path.Combine(Secrets, "api-keys"), "ana=operator:sha256:00\n");
        made["api-keys"] = Read("api-keys");
        await RunAsync();
        All().ShouldBe(made);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task RunAsync()
    {
        using var script = Process.Start(new ProcessStartInfo("/bin/sh", [Path.Combine(_folder, "make-secrets.sh")]) { RedirectStandardOutput = true })!;
        var said = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        script.ExitCode.ShouldBe(0, said);
        said.ShouldNotContain(Read("worker-password"));
    }

    private string Read(string secret) => File.ReadAllText(Path.Combine(Secrets, secret));

    private Dictionary<string, string> All() => Directory.GetFiles(Secrets).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

    [GeneratedRegex(@"file: deploy/secrets/([\w.-]+)")]
    private static partial Regex SecretFile();

    [GeneratedRegex("^[0-9a-f]{48}$")]
    private static partial Regex Password();
}
