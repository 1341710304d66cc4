using System.Globalization;

namespace Projections.Chaos.ReadModels;

/// <summary>Events of accounts as the application stores them.</summary>
internal static class Accounts
{
    private const int Customers = 50;

    public static string Customer(Random random) => string.Create(CultureInfo.InvariantCulture, $"customer-{random.Next(Customers)}");

    public static (string Type, string Json) Open(string customer) => (AccountEvents.Opened, $$"""{"customer":"{{customer}}"}""");

    public static (string Type, string Json) Book(string customer, Random random) =>
        (AccountEvents.Booked, $$"""{"customer":"{{customer}}","amount":{{random.Next(-100, 1_000)}}}""");

    public static (string Type, string Json) Close(string customer) => (AccountEvents.Closed, $$"""{"customer":"{{customer}}"}""");
}
