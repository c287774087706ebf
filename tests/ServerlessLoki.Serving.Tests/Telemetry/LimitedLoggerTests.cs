using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Tests.Telemetry;

public sealed class LimitedLoggerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<(LogLevel Level, string Text, Exception? Exception)> _lines = [];

    [Fact]
    public void Warnings_OfOneKind_ComeWholeThriceThenAreCounted()
    {
        var logger = Create("a");
        for (var i = 0; i < 1000; i++)
            Fault(logger, 7, i);
        Assert.Equal(["fault 0", "fault 1", "fault 2"], _lines.Select(l => l.Text));
        Assert.All(_lines, l => Assert.NotNull(l.Exception));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Fault(logger, 7, 1000);
        Fault(logger, 7, 1001);
        Assert.Equal("fault 1000: InvalidOperationException: why (997 more like it since the last line)", _lines[^1].Text);
        Assert.Null(_lines[^1].Exception);
        Assert.Equal(4, _lines.Count);
    }

    [Fact]
    public void Warnings_OfOtherKindsAndCategories_HaveTheirOwnShare()
    {
        var factory = new LimitedLoggerFactory(new Recorder(_lines), _clock);
        var (a, b) = (factory.CreateLogger("a"), factory.CreateLogger("b"));
        foreach (var (logger, id) in (ReadOnlySpan<(ILogger, int)>)[(a, 1), (a, 2), (b, 1)])
        {
            for (var i = 0; i < 50; i++)
                Fault(logger, id, i);
        }

        Assert.Equal(9, _lines.Count);
        Assert.Same(a, factory.CreateLogger("a"));
    }

    [Fact]
    public void Warnings_AfterLongSilence_ComeWholeAgain()
    {
        var logger = Create("a");
        for (var i = 0; i < 3; i++)
            Fault(logger, 1, i);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Fault(logger, 1, 3);
        Assert.NotNull(_lines[^1].Exception);
        Assert.Equal(4, _lines.Count);
    }

    [Fact]
    public void Lines_OfALongMessage_AreCut()
    {
        var logger = Create("a");
        for (var i = 0; i < 3; i++)
            Fault(logger, 1, i);
        _clock.Advance(TimeSpan.FromSeconds(10));
        logger.Log(LogLevel.Error, new EventId(1), new string('x', 100_000), null, static (s, _) => s);
        Assert.Equal(301, _lines[^1].Text.Length);
    }

    [Fact]
    public void Decisions_BelowWarning_AreNeverLeftOut()
    {
        var logger = Create("a");
        for (var i = 0; i < 100; i++)
            logger.Log(LogLevel.Information, new EventId(1), i, null, static (s, _) => $"{s}");
        Assert.Equal(100, _lines.Count);
    }

    private ILogger Create(string category) => new LimitedLoggerFactory(new Recorder(_lines), _clock).CreateLogger(category);

    private static void Fault(ILogger logger, int id, int number) =>
        logger.Log(LogLevel.Error, new EventId(id), number, new InvalidOperationException("why"), static (n, _) => $"fault {n}");

    private sealed class Recorder(List<(LogLevel, string, Exception?)> lines) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add((logLevel, formatter(state, exception), exception));

        public void Dispose()
        {
        }
    }
}
