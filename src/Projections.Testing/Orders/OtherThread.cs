using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Projections.Testing.Orders;

/// <summary>Runs something on a thread that is like no other: in its name, its culture and what flows to it.</summary>
internal static class OtherThread
{
    private static readonly CultureInfo Culture = Make();

    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception error)
            {
                failed = ExceptionDispatchInfo.Capture(error);
            }
        })
        {
            Name = "another worker",
            IsBackground = true,
            CurrentCulture = Culture,
            CurrentUICulture = Culture,
        };
        thread.UnsafeStart();
        thread.Join();
        failed?.Throw();
        return result;
    }

    /// <summary>Turkish, where the machine has it, for its letters; with marks that no two cultures have alike.</summary>
    private static CultureInfo Make()
    {
        CultureInfo culture;
        try
        {
            culture = (CultureInfo)CultureInfo.GetCultureInfo("tr-TR").Clone();
        }
        catch (CultureNotFoundException)
        {
            culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        }

        culture.NumberFormat.NumberDecimalSeparator = "·";
        culture.NumberFormat.NumberGroupSeparator = "'";
        culture.NumberFormat.CurrencySymbol = "¤¤";
        culture.NumberFormat.CurrencyDecimalSeparator = "·";
        culture.NumberFormat.NegativeSign = "−";
        culture.NumberFormat.PercentDecimalSeparator = "·";
        culture.DateTimeFormat.ShortDatePattern = "yy·d·M";
        culture.DateTimeFormat.LongDatePattern = "yyyy·d·MMMM";
        culture.DateTimeFormat.ShortTimePattern = "H·mm";
        culture.DateTimeFormat.LongTimePattern = "H·mm·ss";
        culture.DateTimeFormat.FirstDayOfWeek = DayOfWeek.Wednesday;
        return CultureInfo.ReadOnly(culture);
    }
}
