using System.Globalization;
using NCrontab;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Timers;

/// <summary>Schedule of a timer: an NCRONTAB expression of five or six fields, or a time span.</summary>
internal sealed class TimerSchedule
{
    private readonly CrontabSchedule? _cron;
    private readonly TimeSpan _every;

    private TimerSchedule(CrontabSchedule? cron, TimeSpan every) => (_cron, _every) = (cron, every);

    /// <exception cref="FormatException">The text is neither.</exception>
    public static TimerSchedule Parse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var every) && every > TimeSpan.Zero)
            return new TimerSchedule(null, every);
        var hasSeconds = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6;
        return CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = hasSeconds }) is { } cron
            ? new TimerSchedule(cron, TimeSpan.Zero)
            : throw new FormatException($"'{text}' is no schedule: it takes an NCRONTAB expression of five or six fields, or a time hh:mm:ss.");
    }

    /// <summary>Returns the next due time after a given one, in the given one's zone.</summary>
    public DateTime After(DateTime now) => _cron is null ? now + _every : _cron.GetNextOccurrence(now);
}
