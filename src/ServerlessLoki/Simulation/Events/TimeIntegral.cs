using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Integral of a level over time.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct TimeIntegral
{
    private long _lastUs;

    public double Level { get; private set; }

    public double Area { get; private set; }

    public void Add(long nowUs, double change)
    {
        Advance(nowUs);
        Level += change;
    }

    public void Advance(long nowUs)
    {
        Area += Level * (nowUs - _lastUs);
        _lastUs = nowUs;
    }

    /// <summary>Corrects the area for a change of the level that was recorded late.</summary>
    public void Correct(double area) => Area += area;

    public void Restart(long nowUs)
    {
        _lastUs = nowUs;
        Area = 0;
    }
}
