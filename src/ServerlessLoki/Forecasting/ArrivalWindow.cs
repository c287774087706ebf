using System.Collections.Immutable;

namespace ServerlessLoki.Forecasting;

/// <summary>Recent arrivals at the ingress, rejected ones included as far as they are demand. A policy may judge bursts by them.</summary>
/// <param name="FromUs">Begin of the window on the clock of <see cref="Arrival.AtUs"/>, microseconds; later than a full window's
/// begin while traffic is young.</param>
/// <param name="NowUs">End of the window, microseconds: the time when the plan is made.</param>
/// <param name="Arrivals">Arrivals in order of time, none before <paramref name="FromUs"/> or after <paramref name="NowUs"/>.</param>
public sealed record ArrivalWindow(long FromUs, long NowUs, ImmutableArray<Arrival> Arrivals)
{
    /// <summary>Length of the window.</summary>
    public TimeSpan Length => TimeSpan.FromMicroseconds(NowUs - FromUs);
}
