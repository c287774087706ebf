using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>A profile that grows by what workers measure. Looked at by one loop.</summary>
/// <param name="own">The pipelines' own: it goes before what was measured.</param>
/// <param name="state">Where workers publish.</param>
internal sealed class ProfileFollower(LatencyProfile own, IStateStore state)
{
    private readonly LatencyProfile _own = own;
    private readonly Dictionary<string, (string? Version, ProfileRow[] Rows)> _measured = new(StringComparer.Ordinal);

    /// <summary>As of the last look; the same object while nothing new is known.</summary>
    public LatencyProfile Current { get; private set; } = own;

    /// <summary>Looks what was measured on some devices.</summary>
    /// <returns>True if more is known than before.</returns>
    public async Task<bool> LookAsync(IEnumerable<string> devices, CancellationToken cancellationToken)
    {
        var isNew = false;
        foreach (var device in devices)
        {
            var stored = await state.ReadDocumentAsync(MeasuredProfiles.Name(device), cancellationToken);
            if (stored?.Version == _measured.GetValueOrDefault(device).Version)
                continue;
            _measured[device] = (stored?.Version, [.. MeasuredProfiles.Parse(stored?.Json).SelectMany(v => v.Rows).Where(r => r.Device == device)]);
            isNew = true;
        }

        if (isNew)
            Current = MeasuredProfiles.Merge(_own, _measured.Values.SelectMany(m => m.Rows));
        return isNew;
    }
}
