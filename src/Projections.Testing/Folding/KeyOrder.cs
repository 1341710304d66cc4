namespace Projections.Testing.Folding;

/// <summary>Orders keys part by part, texts by their characters.</summary>
internal sealed class KeyOrder : IComparer<object?[]>
{
    public static readonly KeyOrder Instance = new();

    public int Compare(object?[]? x, object?[]? y)
    {
        for (var part = 0; part < x!.Length; part++)
        {
            var order = x[part] is string text ? string.CompareOrdinal(text, y![part] as string) : Comparer<object>.Default.Compare(x[part], y![part]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }
}
