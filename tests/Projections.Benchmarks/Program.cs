using Projections.Benchmarks;
using Projections.Benchmarks.Workers;

if (args is [WorkerProgram.Verb, ..])
{
    return await WorkerProgram.RunAsync(args[1..]);
}

if (args is [FleetProgram.Verb, ..])
{
    return await FleetProgram.RunAsync(args[1..]);
}

if (!BenchmarkOptions.TryParse(args, out var options, out var problem))
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(BenchmarkOptions.Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
return await new BenchmarkRun(options).RunAsync(stop.Token) ? 0 : 4;
