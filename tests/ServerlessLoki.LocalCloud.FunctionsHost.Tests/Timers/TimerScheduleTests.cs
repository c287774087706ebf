using ServerlessLoki.LocalCloud.FunctionsHost.Timers;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Timers;

public sealed class TimerScheduleTests
{
    [Theory]
    [InlineData("*/10 * * * * *", "2026-03-01T10:00:10")]
    [InlineData("30 */5 * * * *", "2026-03-01T10:00:30")]
    [InlineData("*/5 * * * *", "2026-03-01T10:05:00")]
    [InlineData("0 30 9 * * 1-5", "2026-03-02T09:30:00")]
    [InlineData("00:00:07", "2026-03-01T10:00:10")]
    public void After_GivesTheNextTime(string schedule, string next) =>
        Assert.Equal(DateTime.Parse(next, null), TimerSchedule.Parse(schedule).After(new DateTime(2026, 3, 1, 10, 0, 3, DateTimeKind.Unspecified)));

    [Theory]
    [InlineData("each day")]
    [InlineData("* * *")]
    [InlineData("-00:00:01")]
    public void Parse_NoSchedule_IsRefused(string schedule) => Assert.Throws<FormatException>(() => TimerSchedule.Parse(schedule));
}
