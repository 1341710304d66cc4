using System.Runtime.CompilerServices;
using Projections.Testing.Folding;

namespace Projections.Testing;

/// <summary>What a claim says of a value, for any test framework.</summary>
internal static class Must
{
    private const int MostShown = 20;

    public static void MustBe<T>(this T actual, T expected, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Hold(EqualityComparer<T>.Default.Equals(actual, expected), what, $"is {Show(actual)}, not {Show(expected)}");

    public static void MustBe<T>(this IEnumerable<T> actual, IEnumerable<T> expected, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        var (seen, wanted) = (actual.ToList(), expected.ToList());
        Hold(seen.SequenceEqual(wanted), what, $"is {Show(seen)}, not {Show(wanted)}");
    }

    public static void MustBe<T>(this List<T> actual, List<T> expected, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        actual.AsEnumerable().MustBe(expected.AsEnumerable(), what);

    public static void MustNotBe<T>(this T actual, T other, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Hold(!EqualityComparer<T>.Default.Equals(actual, other), what, $"is {Show(actual)}");

    public static void MustBeEmpty<T>(this IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string what = "") => actual.MustBe([], what);

    public static void MustAllBe<T>(this IEnumerable<T> actual, Func<T, bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Hold(actual.All(condition), what, "does not hold for all");

    public static void MustBeNull<T>(this T? actual, [CallerArgumentExpression(nameof(actual))] string what = "") => Hold(actual is null, what, $"is {Show(actual)}, not null");

    public static T MustNotBeNull<T>(this T? actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : struct
    {
        Hold(actual is not null, what, "is null");
        return actual!.Value;
    }

    public static void MustBeTrue(this bool actual, string? because = null, [CallerArgumentExpression(nameof(actual))] string what = "") => Hold(actual, what, because ?? "is false");

    public static void MustBeInRange<T>(this T actual, T from, T to, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : IComparable<T> => Hold(actual.CompareTo(from) >= 0 && actual.CompareTo(to) <= 0, what, $"is {Show(actual)}, not from {Show(from)} to {Show(to)}");

    public static void MustBeGreaterThan<T>(this T actual, T other, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : IComparable<T> => Hold(actual.CompareTo(other) > 0, what, $"is {Show(actual)}, not greater than {Show(other)}");

    public static void MustBeGreaterThanOrEqualTo<T>(this T actual, T other, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : IComparable<T> => Hold(actual.CompareTo(other) >= 0, what, $"is {Show(actual)}, less than {Show(other)}");

    public static void MustBeLessThanOrEqualTo<T>(this T actual, T other, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : IComparable<T> => Hold(actual.CompareTo(other) <= 0, what, $"is {Show(actual)}, greater than {Show(other)}");

    public static async Task BeCancelledAsync(Func<Task> work, [CallerArgumentExpression(nameof(work))] string what = "")
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Hold(false, what, "went on although it was cancelled");
    }

    private static void Hold(bool holds, string what, string found)
    {
        if (!holds)
        {
            throw new ConformanceFailed($"{what} {found}");
        }
    }

    private static string Show<T>(T value) => value switch
    {
        null => "null",
        string or IFormattable => ValueText.Of(value),
        System.Collections.IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Take(MostShown).Select(Show))}{(items.Cast<object?>().Skip(MostShown).Any() ? ", …" : "")}]",
        _ => value.ToString() ?? "",
    };
}
