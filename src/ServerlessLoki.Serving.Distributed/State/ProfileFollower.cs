using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Profile that is completed by workers' measurements. Updated by one loop.</summary>
/// <param name="own">Profile of the pipelines, which has precedence over measurements.</param>
/// <param name="state">Store that workers publish to.</param>
internal sealed class ProfileFollower(LatencyProfile own, IStateStore state)
{
    private readonly LatencyProfile _own = own;
    private readonly Dictionary<string, (string? Version, ProfileRow[] Rows)> _measured = new(StringComparer.Ordinal);

    /// <summary>Profile as of the last look; the same object while nothing new is known.</summary>
    public LatencyProfile Current { get; private set; } = own;

    /// <summary>Reads the measurements of some devices.</summary>
    /// <returns>True if something new was read.</returns>
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
