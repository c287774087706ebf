namespace ServerlessLoki.Planning.Colocation;

/// <summary>A model that may share a device with others (related.md 2).</summary>
/// <param name="Name">For messages.</param>
/// <param name="ServiceUs">Time of one query on the device, microseconds; above 0. One query at a time.</param>
/// <param name="Occupancy">Share of that time in which it keeps the device busy; above 0 up to 1. The rest others can use.</param>
/// <param name="MemoryBytes">Device memory that it holds; at least 0.</param>
/// <param name="PricePerHour">Of a device of its own; at least 0.</param>
public sealed record ColocatedModel(string Name, double ServiceUs, double Occupancy = 1, long MemoryBytes = 0, double PricePerHour = 1)
{
    /// <summary>Peak rate on a device of its own, queries per second.</summary>
    public double SoloQps => 1e6 / ServiceUs;
}
