using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads device types, and which of their slots fail.</summary>
internal static class DevicesReader
{
    public static List<DeviceType> Read(JsonValue value)
    {
        var devices = new List<DeviceType>();
        foreach (var item in ScenarioSource.NotEmpty(value, "an array of at least one device type"))
        {
            if (!item.IsObjectWith("name", "slots", "slotShare", "pricePerHour", "memoryMiB"))
                continue;
            var name = item.TryRequired("name", "a name as in the profile", out var n) ? n.Text() : null;
            var slots = item.TryRequired("slots", "a whole number", out var s) ? s.Integer(0, 1_000_000) : null;
            var share = item.TryOptional("slotShare", out var h) ? h.Number(1e-6, 1) : 1;
            var price = item.TryOptional("pricePerHour", out var c) ? c.Number(0, 1e9) : 0;
            var memory = item.TryOptional("memoryMiB", out var m) ? m.Number(1e-3, 1e9) : null;
            if (name is not null && devices.Exists(x => x.Name == name))
                n.Fault("two device types have the same name", $"\"{name}\"", "unique names");
            devices.Add(new DeviceType(name ?? "", (int)(slots ?? 1), share ?? 1, price ?? 0) { MemoryMiB = memory });
        }

        if (devices.Count > 0 && devices.TrueForAll(d => d.Slots == 0))
            value.Fault("no device type has a slot, so nothing can run", "0 slots", "at least one slot in all");

        return devices;
    }

    public static List<SlotFailure> Failures(JsonValue value, List<DeviceType> devices)
    {
        var failures = new List<SlotFailure>();
        foreach (var item in value.Items("an array of failures"))
        {
            if (!item.IsObjectWith("device", "slot", "atSeconds", "forSeconds"))
                continue;
            var device = item.TryRequired("device", "a device type's name", out var d) ? d.OneOf([.. devices.Select(x => x.Name)]) : null;
            var index = devices.FindIndex(x => x.Name == device);
            var slot = item.TryRequired("slot", "a slot's number, from 0", out var s) ? s.Integer(0, index < 0 ? int.MaxValue : devices[index].Slots - 1) : null;
            var at = item.TryRequired("atSeconds", "seconds from the start", out var a) ? a.Number(0, 1e9) : null;
            var length = item.TryRequired("forSeconds", "seconds", out var l) ? l.Number(0, 1e9) : null;
            if (index >= 0 && slot is not null && at is not null && length is not null)
                failures.Add(new SlotFailure(index, (int)slot, (long)(at * 1e6), (long)(length * 1e6)));
        }

        return failures;
    }
}
