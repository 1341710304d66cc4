namespace Projections.Postgres;

public sealed class CallingOffTests
{
    [Fact]
    public async Task A_connection_that_breaks_while_its_statement_is_called_off_keeps_nobody_from_being_told_and_ends_nothing()
    {
        foreach (var callOff in (Func<CancellationTokenSource, Task>[])[source => { source.CallOff(); return Task.CompletedTask; }, source => source.CallOffAsync()])
        {
            using var stop = new CancellationTokenSource();
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var told = 0;
            await using var first = linked.Token.Register(() => told++);
            await using var broken = linked.Token.Register(() => throw new ObjectDisposedException("System.Threading.ManualResetEventSlim"));
            await using var last = linked.Token.Register(() => told++);

            await callOff(stop);

            told.ShouldBe(2);
            linked.IsCancellationRequested.ShouldBeTrue();
        }
    }

    [Fact]
    public void What_failed_for_several_reasons_passes_when_each_of_them_does()
    {
        var broken = new IOException("a broken connection");

        PassingFault.Is(new AggregateException(broken, new AggregateException(broken))).ShouldBeTrue();
        PassingFault.Is(new AggregateException(broken, new InvalidOperationException("a defect"))).ShouldBeFalse();
    }

    [Fact]
    public async Task Any_other_fault_of_a_cancellation_is_told()
    {
        using var stop = new CancellationTokenSource();
        await using var defect = stop.Token.Register(() => throw new InvalidOperationException("a defect"));

        Should.Throw<AggregateException>(stop.CallOff).Flatten().InnerException!.Message.ShouldBe("a defect");
    }
}
