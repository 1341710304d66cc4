using System.Text;

namespace Projections.Events.Reading;

/// <summary>
/// Gives the same string for stream names that come again soon, as the events of busy streams do. Forgets on collision, so it never
/// grows; several readers may share it.
/// </summary>
public sealed class RecentTexts
{
    private const int Slots = 16_384;

    private readonly string?[] _slots = new string?[Slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        ref var slot = ref _slots[Utf8Hash.Of(utf8) & (Slots - 1)];
        var recent = Volatile.Read(ref slot);

        // A name that is not plain ASCII never equals here and is made anew.
        if (recent is not null && recent.Length == utf8.Length && Ascii.Equals(utf8, recent))
        {
            return recent;
        }

        var text = Encoding.UTF8.GetString(utf8);
        Volatile.Write(ref slot, text);
        return text;
    }
}
