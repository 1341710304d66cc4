using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.Events.Reading;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// The answer to one read or subscription, cut into batches. The bytes of the connection are read straight into the batch's
/// buffer, and events are slices of it.
/// </summary>
internal sealed class ReadCall(GrpcCall call, ReadAnswers answers, EventSelection selection, ReadRange range, BatchLimits limits, TimeProvider time)
{
    private BatchBuffer _buffer = limits.NewBuffer();
    private EventPosition _through = range.After;
    private bool _isMoved;
    private bool _isEnded;
    private Task? _arriving;

    /// <summary>
    /// Gives batches until the range is at its end. A batch is given when it is full, and when what it has would else wait
    /// for longer than the limits say.
    /// </summary>
    /// <exception cref="GrpcFailed">The call failed or the connection broke.</exception>
    public async IAsyncEnumerable<EventBatch> BatchesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (!_isEnded)
            {
                if (ReadMessages() || !await FillAsync(cancellationToken))
                {
                    yield return Take();
                }
            }
        }
        finally
        {
            _buffer.Release();
        }
    }

    // Reads what has arrived; true when the batch is to be given.
    private bool ReadMessages()
    {
        var buffer = _buffer;
        while (!_isEnded && !buffer.IsFull
            && GrpcFrame.TryRead(buffer.Bytes.AsSpan(buffer.Start, buffer.Filled - buffer.Start), out var length))
        {
            var message = new Part(buffer.Start + GrpcFrame.HeaderBytes, length);
            Take(answers.Read(buffer.Bytes, message, selection, out var recorded, out var position), recorded, position);
            buffer.Start = message.Start + length;
        }

        return _isEnded || buffer.IsFull;
    }

    private void Take(ReadAnswer answer, in RecordedEvent recorded, EventPosition position)
    {
        switch (answer)
        {
            case ReadAnswer.Event or ReadAnswer.PassedOver or ReadAnswer.Checkpoint:
                // A read begins with the event that it is to begin after; a server may send a checkpoint twice.
                if (position > _through)
                {
                    MoveTo(position, answer == ReadAnswer.Event, recorded);
                }

                break;
            case ReadAnswer.CaughtUp:
                // Everything up to the range's end was there when the subscription began, so it has all been searched.
                _isEnded = range.UpTo is not null;
                break;
        }
    }

    private void MoveTo(EventPosition position, bool isWanted, in RecordedEvent recorded)
    {
        if (range.UpTo is { } end && position >= end)
        {
            _isEnded = true;
            if (position > end)
            {
                return;
            }
        }

        if (isWanted)
        {
            _buffer.Add(recorded);
        }

        _through = position;
        _isMoved = true;
    }

    // Reads more bytes; false when a batch is to be given first.
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_buffer.Filled == _buffer.Bytes.Length)
        {
            // Also when nothing in it was wanted: the batch tells how far the reading has come, and the next one begins empty.
            if (_buffer.Start > 0)
            {
                return false;
            }

            _buffer.MakeRoom();
        }

        if (!await ArrivesAsync(cancellationToken))
        {
            return false;
        }

        var read = await call.ReadAsync(_buffer.Bytes.AsMemory(_buffer.Filled));
        _buffer.Filled += read;
        if (read == 0)
        {
            End();
        }

        return read > 0;
    }

    // Waits without a buffer, so that a batch can be given away while nothing comes; false when that is due.
    private async ValueTask<bool> ArrivesAsync(CancellationToken cancellationToken)
    {
        _arriving ??= call.WaitAsync();
        if (_isMoved && !_arriving.IsCompleted && !await ArrivesInTimeAsync(_arriving, cancellationToken))
        {
            return false;
        }

        await _arriving;
        _arriving = null;
        return true;
    }

    private async ValueTask<bool> ArrivesInTimeAsync(Task arriving, CancellationToken cancellationToken)
    {
        if (limits.Linger <= TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            await arriving.WaitAsync(limits.Linger, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void End()
    {
        if (_buffer.Filled > _buffer.Start)
        {
            throw new GrpcFailed(GrpcStatusCode.Internal, "the answer ended in the middle of a message");
        }

        _isEnded = true;
    }

    private EventBatch Take()
    {
        var full = _buffer;
        _buffer = limits.NewBuffer();
        _buffer.TakeRest(full);
        _isMoved = false;
        return full.ToBatch(_isEnded && range.UpTo is { } end ? end : _through);
    }
}
