using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Projections.Testing.Orders;

/// <summary>The other thread, which all specs share: it is like no other in its name, its culture and what flows to it.</summary>
internal static class OtherThread
{
    // Taken by one spec at a time, so that there is never more than one piece of work waiting.
    private static readonly Lock Turn = new();
    private static readonly SemaphoreSlim Given = new(0);
    private static readonly SemaphoreSlim Done = new(0);
    private static readonly Lazy<Thread> Started = new(Start);
    private static Action work = () => { };

    /// <summary>Runs something there, and waits for it.</summary>
    public static T Run<T>(Func<T> compute)
    {
        T result = default!;
        ExceptionDispatchInfo? failed = null;
        lock (Turn)
        {
            _ = Started.Value;
            work = () =>
            {
                try
                {
                    result = compute();
                }
                catch (Exception error)
                {
                    failed = ExceptionDispatchInfo.Capture(error);
                }
            };
            Given.Release();
            Done.Wait();
        }

        failed?.Throw();
        return result;
    }

    private static Thread Start()
    {
        var culture = OtherCulture();
        var thread = new Thread(Work) { Name = "another worker", IsBackground = true, CurrentCulture = culture, CurrentUICulture = culture };
        thread.UnsafeStart();
        return thread;
    }

    private static void Work()
    {
        while (true)
        {
            Given.Wait();
            work();
            Done.Release();
        }
    }

    /// <summary>Turkish, where the machine has it, for its letters; with marks that no two cultures have alike.</summary>
    private static CultureInfo OtherCulture()
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
