using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessLoki.StandIns.Tests.Functions;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData("*/10 * * * * *", "2026-03-01T12:00:09Z", "2026-03-01T12:00:10Z")]
    [InlineData("*/10 * * * * *", "2026-03-01T12:00:10Z", "2026-03-01T12:00:20Z")]
    [InlineData("0 */5 * * * *", "2026-03-01T12:04:59.9Z", "2026-03-01T12:05:00Z")]
    [InlineData("0 */5 * * * *", "2026-03-01T23:55:00Z", "2026-03-02T00:00:00Z")]
    [InlineData("0 30 9 * * mon-fri", "2026-03-06T09:30:00Z", "2026-03-09T09:30:00Z")]
    [InlineData("0 0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("5,35 0-1 0 1 JAN *", "2026-12-31T23:59:59Z", "2027-01-01T00:00:05Z")]
    [InlineData("0 0 12 * * 7", "2026-03-02T00:00:00Z", "2026-03-08T12:00:00Z")]
    [InlineData("10/20 * * * * *", "2026-03-01T00:00:30Z", "2026-03-01T00:00:50Z")]
    public void Next_AfterATime_IsTheFirstThatFits(string expression, string after, string next) =>
        Assert.Equal(Utc(next), Schedule.Parse(expression).Next(Utc(after)));

    [Fact]
    public void Next_ThirtiethOfFebruary_NeverComes() => Assert.Null(Schedule.Parse("0 0 0 30 2 *").Next(Utc("2026-01-01T00:00:00Z")));

    [Theory]
    [InlineData("*/5 * * * *", "has 5 fields")]
    [InlineData("60 * * * * *", "no second")]
    [InlineData("* * 9-5 * * *", "no hour")]
    [InlineData("*/0 * * * * *", "no second")]
    [InlineData("* * * 0 * *", "no day of month")]
    [InlineData("* * * * foo *", "no month")]
    public void Parse_BadExpression_SaysWhatIsWrong(string expression, string part) =>
        Assert.Contains(part, Assert.Throws<FormatException>(() => Schedule.Parse(expression)).Message, StringComparison.Ordinal);

    private static DateTime Utc(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
}
