using System.Collections.Concurrent;

namespace ServerlessLoki.Serving.Memory;

/// <summary>Set of live objects, which can be enumerated at any time. Joining and leaving take no lock.</summary>
/// <remarks>Each object has a place for as long as it is live, and places are used again: there are as many as were ever live at once.</remarks>
internal sealed class LiveSet<T>
    where T : class
{
    /// <summary>Free places. Nodes of the stack are not reused, so that two threads never mistake one for another.</summary>
    private readonly ConcurrentStack<Place> _free = new();
    private Place? _places;

    /// <summary>Takes a free place. Give the place to the object first, then the object to the place.</summary>
    public Place NewPlace()
    {
        if (_free.TryPop(out var place))
            return place;
        place = new Place();
        do
            place.Next = Volatile.Read(ref _places);
        while (Interlocked.CompareExchange(ref _places, place, place.Next) != place.Next);
        return place;
    }

    /// <summary>Removes the object of a place. Called once.</summary>
    public void Leave(Place place)
    {
        place.Item = null;
        _free.Push(place);
    }

    /// <summary>Lists the live objects; objects that join or leave meanwhile may be included.</summary>
    public IEnumerable<T> Items()
    {
        for (var place = Volatile.Read(ref _places); place is not null; place = place.Next)
        {
            if (place.Item is { } item)
                yield return item;
        }
    }

    /// <summary>Place of one object in the set.</summary>
    internal sealed class Place
    {
        private volatile T? _item;

        public T? Item
        {
            get => _item;
            set => _item = value;
        }

        internal Place? Next { get; set; }
    }
}
