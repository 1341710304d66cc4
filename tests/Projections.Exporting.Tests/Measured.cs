using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Projections.Telemetry;
using Projections.TestServers;

namespace Projections.Exporting.Tests;

/// <summary>Everything that the engine measures while this listens, as <c>instrument tag=value …</c>.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, bool> _instruments = new();
    private readonly ConcurrentQueue<(string Name, double Value)> _values = new();

    public Measured()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ProjectionsTelemetry.Name)
            {
                _instruments[instrument] = true;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
        // The instruments come into being with the class that holds them.
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(ProjectionsTelemetry).Assembly.GetType("Projections.Telemetry.Instruments")!.TypeHandle);
    }

    public IReadOnlyCollection<Instrument> Instruments => [.. _instruments.Keys];

    /// <summary>What was measured, each once.</summary>
    public IReadOnlyList<string> Names => [.. _values.Select(value => value.Name).Distinct()];

    public double Sum(string name) => Of(name).Sum();

    public int Count(string name) => Of(name).Count();

    public double Last(string name)
    {
        _listener.RecordObservableInstruments();
        return Of(name).Last();
    }

    /// <summary>Collects gauges until one has a value.</summary>
    public async Task UntilAsync(string name)
    {
        await Deadline.UntilAsync(
            () =>
            {
                _listener.RecordObservableInstruments();
                return string.Join(", ", _values.Select(value => value.Name).Distinct());
            },
            _ => Of(name).Any(),
            $"measure '{name}'");
    }

    public void Dispose() => _listener.Dispose();

    private IEnumerable<double> Of(string name) => _values.Where(value => value.Name == name).Select(value => value.Value);

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var (key, tag) in tags)
        {
            name += $" {key}={tag}";
        }

        _values.Enqueue((name, value));
    }
}
