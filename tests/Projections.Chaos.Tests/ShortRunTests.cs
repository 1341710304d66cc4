using Projections.TestServers;
using Xunit.Abstractions;

namespace Projections.Chaos;

/// <summary>What <c>eng/chaos.sh</c> does for as long as somebody likes, for a minute.</summary>
public sealed class ShortRunTests(ITestOutputHelper output)
{
    [PostgresFact(OwnCluster = true)]
    public async Task A_minute_of_faults_and_commands_breaks_no_promise()
    {
        var said = new StringWriter();
        var options = new ChaosOptions { Length = TimeSpan.FromMinutes(1), History = 5_000 };

        var report = await new ChaosRun(options, said).RunAsync(CancellationToken.None);

        output.WriteLine(report.ToString());
        report.HoldsWhatIsPromised.ShouldBeTrue($"{report}\n\nAgain with: eng/chaos.sh 1 --seed {options.Seed}\n\n{said}");
    }
}
