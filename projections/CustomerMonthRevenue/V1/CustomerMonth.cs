namespace Projections.ReadModels.CustomerMonthRevenue.V1;

/// <summary>A customer's month.</summary>
/// <param name="Customer">The customer.</param>
/// <param name="Month">The first day of the month, in UTC.</param>
public readonly record struct CustomerMonth(string Customer, DateOnly Month)
{
    public static CustomerMonth Of(string customer, DateTime time) => new(customer, new DateOnly(time.Year, time.Month, 1));
}
