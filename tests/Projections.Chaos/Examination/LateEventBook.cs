using Npgsql;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;

namespace Projections.Chaos.Examination;

/// <summary>
/// Notes which events turned up behind a checkpoint, and of which of them a version says that it cannot get them by itself. On a machine that
/// is busy enough a writer is later than it means to be; what the catalog says of it goes with the version's table.
/// </summary>
internal sealed class LateEventBook(ChaosGround ground, ChaosRecord record)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    public async Task KeepAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
            }
            catch (NpgsqlException)
            {
                // The server is away.
            }

            await Task.WhenAny(Task.Delay(Beat, stop));
        }
    }

    private async Task LookAsync()
    {
        await using var command = ground.Observer.CreateCommand("select projection || '_v' || number, position, problem is not null from projections.late_event");
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            record.SeeLate(row.GetString(0), row.GetInt64(1), row.GetBoolean(2));
        }
    }
}
