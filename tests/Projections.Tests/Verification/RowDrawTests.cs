using Projections.Verification;

namespace Projections.Tests.Verification;

public sealed class RowDrawTests
{
    [Theory]
    [InlineData(0.001, 0.99, 4_603)]
    [InlineData(0.01, 0.99, 459)]
    [InlineData(0.01, 0.999, 688)]
    [InlineData(0.5, 0.5, 1)]
    public void So_many_rows_meet_a_wrong_one_and_one_row_less_would_not(double mistakes, double certainty, int rows)
    {
        RowDraw.SizeFor(mistakes, certainty).ShouldBe(rows);
        (1 - Math.Pow(1 - mistakes, rows)).ShouldBeGreaterThanOrEqualTo(certainty);
        (1 - Math.Pow(1 - mistakes, rows - 1)).ShouldBeLessThan(certainty);
    }
}
