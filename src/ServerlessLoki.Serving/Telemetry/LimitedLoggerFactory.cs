using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Logger factory that limits the volume of messages that clients can cause. Of each kind, a few warnings and errors are logged in
/// full, then one short line every few seconds that counts those left out.</summary>
/// <remarks>All messages are bounded, by category and event id, those of the web server too: which of them a stranger can cause is
/// known only afterwards.</remarks>
/// <param name="inner">Factory of the host's loggers; not owned.</param>
/// <param name="time">Clock.</param>
public sealed class LimitedLoggerFactory(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    private readonly ConcurrentDictionary<string, LimitedLogger> _loggers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, name => new LimitedLogger(inner.CreateLogger(name), time));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The log outlives the host.
    }
}
