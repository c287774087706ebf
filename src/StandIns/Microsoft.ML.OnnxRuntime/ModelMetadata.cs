namespace Microsoft.ML.OnnxRuntime;

/// <summary>What the model file says of itself.</summary>
public unsafe class ModelMetadata
{
    internal ModelMetadata(InferenceSession session)
    {
        nint metadata;
        NativeApi.Check(NativeApi.SessionGetModelMetadata(session.Handle, &metadata));
        try
        {
            ProducerName = Read(NativeApi.MetadataProducer, metadata);
            GraphName = Read(NativeApi.MetadataGraphName, metadata);
            Domain = Read(NativeApi.MetadataDomain, metadata);
            Description = Read(NativeApi.MetadataDescription, metadata);
            long version;
            NativeApi.Check(NativeApi.MetadataVersion(metadata, &version));
            Version = version;
            CustomMetadataMap = ReadMap(metadata);
        }
        finally
        {
            NativeApi.ReleaseModelMetadata(metadata);
        }
    }

    public string ProducerName { get; }

    public string GraphName { get; }

    public string Domain { get; }

    public string Description { get; }

    public long Version { get; }

    public Dictionary<string, string> CustomMetadataMap { get; }

    private static string Read(delegate* unmanaged<nint, nint, nint*, nint> read, nint metadata)
    {
        nint text;
        NativeApi.Check(read(metadata, OrtAllocator.DefaultInstance.Pointer, &text));
        return NativeApi.TakeText(text);
    }

    private static Dictionary<string, string> ReadMap(nint metadata)
    {
        var allocator = OrtAllocator.DefaultInstance.Pointer;
        var map = new Dictionary<string, string>();
        nint* keys;
        long count;
        NativeApi.Check(NativeApi.MetadataKeys(metadata, allocator, &keys, &count));
        for (var i = 0; i < count; i++)
        {
            nint value;
            NativeApi.Check(NativeApi.MetadataLookup(metadata, allocator, (byte*)keys[i], &value));
            map[NativeApi.TakeText(keys[i])] = NativeApi.TakeText(value);
        }
        if (keys != null) NativeApi.Check(NativeApi.AllocatorFree(allocator, (nint)keys));
        return map;
    }
}
