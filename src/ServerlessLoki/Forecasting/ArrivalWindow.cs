using System.Collections.Immutable;

namespace ServerlessLoki.Forecasting;

/// <summary>The arrivals seen lately at the ingress, rejected ones included as far as they are demand: what a policy may judge bursts by.</summary>
/// <param name="FromUs">Begin of the window on the clock of <see cref="Arrival.AtUs"/>, microseconds; later than a full window's
/// begin while traffic is young.</param>
/// <param name="NowUs">Its end: when the plan is made.</param>
/// <param name="Arrivals">In the order of time, none before <paramref name="FromUs"/> or after <paramref name="NowUs"/>.</param>
public sealed record ArrivalWindow(long FromUs, long NowUs, ImmutableArray<Arrival> Arrivals)
{
    /// <summary>Length of the window.</summary>
    public TimeSpan Length => TimeSpan.FromMicroseconds(NowUs - FromUs);
}
