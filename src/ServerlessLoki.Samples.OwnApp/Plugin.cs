using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Samples.OwnApp;

/// <summary>Plug-in for the command line: <c>loki compare --plugin ServerlessLoki.Samples.OwnApp.dll</c>.</summary>
public sealed class Plugin : IPlugin
{
    /// <inheritdoc/>
    public IEnumerable<PolicyEntry> Policies => [LeaveRoomPolicy.Entry];

    /// <inheritdoc/>
    public IEnumerable<ForecasterEntry> Forecasters => [SurgeForecaster.Entry];
}
