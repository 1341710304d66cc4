using System.Text;

namespace Projections.Events.Reading;

/// <summary>
/// Gives one and the same string for the same bytes, so that a name that comes with every event (its type, its tenant) is
/// made once. Lookups take no lock; several readers may share it.
/// </summary>
public sealed class Utf8Names
{
    private const int Buckets = 1024;

    // A name that is different in each event must not fill the memory; beyond this, names are made anew each time.
    private const int MostNames = 20_000;

    private readonly Name?[] _buckets = new Name?[Buckets];
    private readonly Lock _adding = new();
    private int _count;

    public string Get(ReadOnlySpan<byte> utf8)
    {
        var bucket = Utf8Hash.Of(utf8) & (Buckets - 1);
        return Find(Volatile.Read(ref _buckets[bucket]), utf8) ?? Add(bucket, utf8);
    }

    private static string? Find(Name? name, ReadOnlySpan<byte> utf8)
    {
        for (; name is not null; name = name.Next)
        {
            if (utf8.SequenceEqual(name.Utf8))
            {
                return name.Text;
            }
        }

        return null;
    }

    private string Add(int bucket, ReadOnlySpan<byte> utf8)
    {
        lock (_adding)
        {
            if (Find(_buckets[bucket], utf8) is { } added)
            {
                return added;
            }

            var text = Encoding.UTF8.GetString(utf8);
            if (_count < MostNames)
            {
                _count++;
                Volatile.Write(ref _buckets[bucket], new Name(utf8.ToArray(), text, _buckets[bucket]));
            }

            return text;
        }
    }

    private sealed record Name(byte[] Utf8, string Text, Name? Next);
}
