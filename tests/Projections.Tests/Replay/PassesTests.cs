using Microsoft.Extensions.Logging.Abstractions;
using Projections.Definitions;
using Projections.Events;
using Projections.Replay;
using Projections.Tests.Folding;
using Projections.TestServers;

namespace Projections.Tests.Replay;

/// <summary>How versions that are rebuilt at the same time read history together. No database is needed: nothing is folded here.</summary>
public sealed class PassesTests : IAsyncDisposable
{
    private const int Events = 1_000;

    private readonly ShiftedTime _time = new();
    private CountingSource _source = new(Events);
    private ProjectionSystem? _system;

    private Passes Passes => (_system ??= new ProjectionSystem(
        ProjectionRegistry.Of(), "Host=nowhere.invalid", _source, new ProjectionsOptions(), NullLoggerFactory.Instance, _time)).Passes;

    [Fact]
    public async Task Versions_that_start_together_read_history_once()
    {
        var expected = Enumerable.Range(0, 10).Select(_ => Passes.Expect()).ToList();

        var readings = await Task.WhenAll(expected.Select(one => ReadAsync(one)));

        readings.ShouldAllBe(seen => seen.SequenceEqual(_source.Positions));
        _source.TimesGiven().ShouldAllBe(times => times == 1);
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Who_begins_a_little_later_is_waited_for_and_reads_on_with_who_was_there()
    {
        _source.OpenTo(300);
        var first = ReadAsync();
        await Deadline.UntilAsync(() => _source.Held, held => held == 1, "come to where the first one is held");

        var second = ReadAsync();
        await Deadline.UntilAsync(() => _source.TimesGiven().Take(300).Sum(), given => given == 600, "give the second one what the first one has had");
        _source.OpenTo(Events);

        (await first).ShouldBe(_source.Positions);
        (await second).ShouldBe(_source.Positions);
        // What the first one held already was read for it alone, and is read again for both.
        _source.TimesGiven(after: 300 + CountingSource.BatchEvents).ShouldAllBe(times => times == 1);
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Who_begins_long_after_reads_alone_and_holds_nobody()
    {
        _source.OpenTo(300);
        var first = ReadAsync();
        await Deadline.UntilAsync(() => _source.Held, held => held == 1, "come to where the first one is held");
        _time.Advance(Passes.Patience);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = ReadAsync(afterFirst: go.Task);

        _source.OpenTo(Events);
        (await first).ShouldBe(_source.Positions);

        go.SetResult();
        (await second).ShouldBe(_source.Positions);
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_slow_one_is_waited_for_and_then_left_behind_with_bounded_memory()
    {
        var (slowly, quickly) = (Passes.Expect(), Passes.Expect());
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = ReadAsync(slowly, afterFirst: go.Task);
        var seen = new List<long>();
        var quick = ReadAsync(quickly, into: seen);
        // As far as the slow one has room for what the quick one gets.
        await Deadline.UntilAsync(() => seen.Count, count => count == 70, "give the quick one what the slow one has room for");
        quick.IsCompleted.ShouldBeFalse();

        await Deadline.UntilAsync(
            () =>
            {
                _time.Advance(Passes.Patience);
                return quick.IsCompleted;
            },
            isDone => isDone,
            "let the quick one go on");
        (await quick).ShouldBe(_source.Positions);
        _source.Out.ShouldBeLessThanOrEqualTo(8);

        go.SetResult();
        (await slow).ShouldBe(_source.Positions);
        _source.MostOut.ShouldBeLessThanOrEqualTo(16);
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task One_that_stops_leaves_and_the_others_do_not_notice()
    {
        var (stopping, going) = (Passes.Expect(), Passes.Expect());
        using var stop = new CancellationTokenSource();
        var stopped = ReadAsync(stopping, afterFirst: stop.CancelAsync, stop: stop.Token);

        (await ReadAsync(going)).ShouldBe(_source.Positions);

        await Should.ThrowAsync<OperationCanceledException>(stopped);
        _source.TimesGiven().ShouldAllBe(times => times == 1);
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task What_breaks_the_source_is_told_to_all_who_read()
    {
        _source = new CountingSource(Events) { BreaksAt = 501 };
        var expected = Enumerable.Range(0, 3).Select(_ => Passes.Expect()).ToList();
        var seen = expected.ConvertAll(_ => new List<long>());

        var readings = expected.Select((one, number) => ReadAsync(one, into: seen[number])).ToList();

        foreach (var reading in readings)
        {
            await Should.ThrowAsync<EventSourceUnavailable>(reading);
        }

        seen.ShouldAllBe(positions => positions.SequenceEqual(_source.Positions.Take(500)));
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Each_reads_up_to_its_own_head_and_from_its_own_checkpoint()
    {
        var expected = Enumerable.Range(0, 3).Select(_ => Passes.Expect()).ToList();
        var nearer = ReadAsync(expected[0], upTo: 555);
        var ahead = ReadAsync(expected[1], after: 45);
        var whole = ReadAsync(expected[2]);

        (await nearer).ShouldBe(_source.Positions.Take(555));
        (await ahead).ShouldBe(_source.Positions.Skip(45));
        (await whole).ShouldBe(_source.Positions);
        _source.TimesGiven(after: 45 + CountingSource.BatchEvents).ShouldAllBe(times => times == 1);
    }

    [Fact]
    public async Task Who_resumes_ahead_of_a_pass_waits_until_it_has_come_there_and_reads_on_with_it()
    {
        var (behind, ahead) = (Passes.Expect(), Passes.Expect());
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = ReadAsync(behind, afterFirst: go.Task);
        var second = ReadAsync(ahead, after: 600);
        // The one behind has no room for more, the one ahead holds its first batch.
        await Deadline.UntilAsync(() => _source.TimesGiven(after: 600).Sum(), given => given == CountingSource.BatchEvents, "read what the one ahead wants first");

        go.SetResult();

        (await first).ShouldBe(_source.Positions);
        (await second).ShouldBe(_source.Positions.Skip(600));
        _source.TimesGiven(after: 600 + CountingSource.BatchEvents).ShouldAllBe(times => times == 1);
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Who_resumes_ahead_of_a_pass_that_began_long_before_reads_alone_and_waits_for_nobody()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var behind = ReadAsync(afterFirst: go.Task);
        await Deadline.UntilAsync(() => _source.TimesGiven().Sum(), given => given > 0, "begin");
        _time.Advance(Passes.Patience);

        (await ReadAsync(after: 600)).ShouldBe(_source.Positions.Skip(600));

        behind.IsCompleted.ShouldBeFalse();
        go.SetResult();
        (await behind).ShouldBe(_source.Positions);
        _source.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Who_reads_alone_shares_with_nobody_and_is_given_the_sources_own_batches()
    {
        var alone = ReadAsync(shares: false);
        var other = ReadAsync(shares: false);

        (await alone).ShouldBe(_source.Positions);
        (await other).ShouldBe(_source.Positions);
        _source.TimesGiven().ShouldAllBe(times => times == 2);
    }

    [Fact]
    public async Task An_event_is_decoded_once_for_versions_of_the_same_event_types_and_not_at_all_for_one()
    {
        var expected = Enumerable.Range(0, 2).Select(_ => Passes.Expect()).ToList();
        var decoder = (EventDecoder<Counted>)LedgerEvents.Types.Find("counted")!;
        var bodies = new List<Counted>[2];

        await Task.WhenAll(expected.Select((one, number) => ReadAsync(one, batch: batch => (bodies[number] ??= []).AddRange(Bodies(batch, decoder)))));

        bodies[0].Count.ShouldBe(Events);
        bodies[0].Zip(bodies[1]).ShouldAllBe(pair => ReferenceEquals(pair.First, pair.Second));
        await ReadAsync(batch: batch => batch.Decoded.ShouldBeNull());
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
    }

    private static List<Counted> Bodies(EventBatch batch, EventDecoder<Counted> decoder) =>
        [.. Enumerable.Range(0, batch.Count).Select(index => batch.Decoded.ShouldNotBeNull().TryGet(index, decoder, out var body) ? body : throw new InvalidOperationException($"{index} was not decoded"))];

    private Task<List<long>> ReadAsync(
        IDisposable? expected = null, long? after = null, long? upTo = null, bool shares = true, Task? afterFirst = null, List<long>? into = null, Action<EventBatch>? batch = null) =>
        ReadAsync(expected, () => afterFirst ?? Task.CompletedTask, after, upTo, shares, into, batch, default);

    private Task<List<long>> ReadAsync(IDisposable expected, Func<Task> afterFirst, CancellationToken stop) => ReadAsync(expected, afterFirst, null, null, true, null, null, stop);

    private async Task<List<long>> ReadAsync(
        IDisposable? expected, Func<Task> afterFirst, long? after, long? upTo, bool shares, List<long>? into, Action<EventBatch>? look, CancellationToken stop)
    {
        var seen = into ?? [];
        var from = after is { } position ? new EventPosition(position) : EventPosition.BeforeFirst;
        await foreach (var batch in Passes.ReadAsync(new StreamLedger(), null, _source, from, new EventPosition(upTo ?? Events), shares, expected, stop))
        {
            look?.Invoke(batch);
            seen.AddRange(batch.Memory.ToArray().Select(one => one.Position.Major));
            batch.Dispose();
            if (seen.Count == CountingSource.BatchEvents)
            {
                await afterFirst();
            }
        }

        return seen;
    }
}
