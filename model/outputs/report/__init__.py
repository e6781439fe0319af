"""The report: one offline HTML file that tells a plan, or several beside each other."""
