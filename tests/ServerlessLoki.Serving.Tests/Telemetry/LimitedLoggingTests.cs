using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Tests.Telemetry;

public sealed class LimitedLoggingTests
{
    [Fact]
    public void AddLimitedLogging_HostWithProviders_BoundsWhatReachesThem()
    {
        var provider = new Counter();
        using var services = new ServiceCollection().AddLogging(l => l.AddProvider(provider)).AddLimitedLogging().BuildServiceProvider();
        var logger = services.GetRequiredService<ILogger<LimitedLoggingTests>>();
        for (var i = 0; i < 100; i++)
            logger.Log(LogLevel.Warning, new EventId(1), i, null, static (n, _) => $"{n}");
        Assert.Equal(3, provider.Lines);
    }

    private sealed class Counter : ILoggerProvider, ILogger
    {
        public int Lines { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines++;

        public void Dispose()
        {
        }
    }
}
