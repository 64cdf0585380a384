"""Door 2: what this service does when it hears of something."""

from shared.consumer import Subscriptions

subscriptions = Subscriptions()
