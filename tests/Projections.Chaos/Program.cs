using Projections.Chaos;
using Projections.CommandLine;
using Projections.LocalPostgres;

if (args is [ChaosOptions.WorkerVerb, .. var line])
{
    return await ProjectionsProgram.RunAsync(line, typeof(ChaosOptions).Assembly);
}

if (!ChaosOptions.TryParse(args, out var options, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    await Console.Error.WriteLineAsync(ChaosOptions.Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
try
{
    var report = await new ChaosRun(options, Console.Out).RunAsync(stop.Token);
    await Console.Out.WriteLineAsync(report.ToString());
    return report.HoldsWhatIsPromised ? 0 : 1;
}
catch (Exception exception) when (exception is PostgresBinariesMissing or LocalPostgresFailed or TimeoutException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 4;
}
