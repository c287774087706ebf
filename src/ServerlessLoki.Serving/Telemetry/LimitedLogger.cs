using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Logger of one category of a <see cref="LimitedLoggerFactory"/>.</summary>
internal sealed class LimitedLogger(ILogger inner, TimeProvider time) : ILogger
{
    /// <summary>Number of messages of a kind that are logged in full, with their stack.</summary>
    private const int Whole = 3;

    /// <summary>Most characters of a message on one line.</summary>
    private const int MostCharacters = 300;

    /// <summary>Time between two lines of a kind that came too often.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Time without messages after which a kind counts as new.</summary>
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(int Id, string? Name), Kind> _kinds = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel < LogLevel.Warning)
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        if (!inner.IsEnabled(logLevel))
            return;
        switch (_kinds.GetOrAdd((eventId.Id, eventId.Name), static _ => new Kind()).Count(time, out var leftOut))
        {
            case Verdict.Whole:
                inner.Log(logLevel, eventId, state, exception, formatter);
                break;
            case Verdict.Short:
                inner.Log(logLevel, eventId, Short(formatter(state, exception), exception, leftOut), null, static (text, _) => text);
                break;
        }
    }

    private static string Short(string message, Exception? exception, long leftOut)
    {
        if (exception is not null)
            message = $"{message}: {exception.GetType().Name}: {exception.Message}";
        if (message.Length > MostCharacters)
            message = message[..MostCharacters] + "…";
        return leftOut == 0 ? message : string.Create(CultureInfo.InvariantCulture, $"{message} ({leftOut} more like it since the last line)");
    }

    private enum Verdict
    {
        Whole,
        Short,
        LeftOut,
    }

    private sealed class Kind
    {
        private readonly Lock _gate = new();
        private int _seen;
        private long _leftOut;
        private long _last;
        private long _written;

        public Verdict Count(TimeProvider time, out long leftOut)
        {
            var now = time.GetTimestamp();
            lock (_gate)
            {
                leftOut = _leftOut;
                if (_seen > 0 && time.GetElapsedTime(_last, now) >= Forget && _leftOut == 0)
                    _seen = 0;
                _last = now;
                if (_seen < Whole)
                {
                    _seen++;
                    _written = now;
                    return Verdict.Whole;
                }

                if (time.GetElapsedTime(_written, now) < Pause)
                {
                    _leftOut++;
                    return Verdict.LeftOut;
                }

                (_written, _leftOut) = (now, 0);
                return Verdict.Short;
            }
        }
    }
}
