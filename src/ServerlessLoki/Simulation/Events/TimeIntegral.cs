using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>A level over time and the area below it.</summary>
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

    /// <summary>Something was known late: the level had changed before now.</summary>
    public void Correct(double area) => Area += area;

    public void Restart(long nowUs)
    {
        _lastUs = nowUs;
        Area = 0;
    }
}
